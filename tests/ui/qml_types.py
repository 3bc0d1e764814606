"""Tells qmllint what our Python types are: a .qmltypes file written from their live meta-objects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QMetaMethod, QMetaObject, QObject

from ui import parts, preview
from ui.store import Store

MODULE = "Lobbypay.Snapshots"
TYPES: tuple[type[QObject], ...] = (
    parts.SaidPart,
    parts.ActionPart,
    parts.SaidList,
    parts.ActionList,
    parts.BillList,
    parts.CodeRows,
    parts.PicturePart,
    parts.KeypadPart,
    parts.OverlayPart,
    preview.PreviewPart,
    preview.PreviewView,
    Store,
)


def write_module(folder: Path) -> None:
    """Makes `folder` an import path on which `import Lobbypay.Snapshots` has types."""
    home = folder / "Lobbypay" / "Snapshots"
    home.mkdir(parents=True)
    (home / "qmldir").write_text(f"module {MODULE}\ntypeinfo snapshots.qmltypes\nimport QtQml\nimport QtQuick\n")
    body = "\n".join(line for one in TYPES for line in _component(one.staticMetaObject))  # type: ignore[attr-defined]
    (home / "snapshots.qmltypes").write_text(f"import QtQuick.tooling 1.2\nModule {{\n{body}\n}}\n")


def _component(meta: QMetaObject) -> Iterator[str]:
    name, base = meta.className(), meta.superClass()
    yield f'Component {{ name: "{name}"; accessSemantics: "reference"; prototype: "{_known(base)}"'
    drawn = str(_known(base) == "QQuickItem").lower()
    yield f'exports: ["{MODULE}/{name} 1.0"]; isCreatable: {drawn}; exportMetaObjectRevisions: [256]'
    first = _first_own(meta)
    for index in range(first, meta.propertyCount()):
        kept = meta.property(index)
        kind = str(kept.typeName())
        pointer = "isPointer: true; " if kind.endswith("*") else ""
        notify = f'notify: "{kept.notifySignal().name().toStdString()}"; ' if kept.hasNotifySignal() else ""
        constant = "isPropertyConstant: true; " if kept.isConstant() else ""
        fixed = "" if kept.isWritable() else "isReadonly: true"
        yield f'Property {{ name: "{kept.name()!s}"; type: "{kind.rstrip("*")}"; {pointer}{notify}{constant}{fixed} }}'
    for index in range(meta.methodOffset(), meta.methodCount()):
        yield from _method(meta.method(index))
    yield "}"


def _method(method: QMetaMethod) -> Iterator[str]:
    what = "Signal" if method.methodType() is QMetaMethod.MethodType.Signal else "Method"
    yield f'{what} {{ name: "{method.name().toStdString()}"'
    for number in range(method.parameterCount()):
        yield f'Parameter {{ name: "p{number}"; type: "{method.parameterTypeName(number).toStdString()}" }}'
    yield "}"


def _known(meta: QMetaObject) -> str:
    """The nearest class that Qt itself describes."""
    if meta.className() == "QQuickItem":
        return "QQuickItem"
    return "QAbstractListModel" if meta.className() in ("ListPart", "QAbstractListModel") else "QObject"


def _first_own(meta: QMetaObject) -> int:
    """Where its properties begin; a class of ours in between (ListPart) counts as its own."""
    above = meta.superClass()
    return above.propertyOffset() if above.className() == "ListPart" else meta.propertyOffset()

"""What the camera sees, on the screen: a picture in the scene graph, with a line around what was found.

A QSGImageNode costs 1.15 ms for a 720p picture in the software scene graph; VideoOutput draws black there (reference: scanning).
"""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, QPointF, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtQml import QmlElement
from PySide6.QtQuick import QQuickItem, QSGImageNode, QSGNode, QSGTexture

from kiosk.visit.screens import NO_PREVIEW, Preview

QML_IMPORT_NAME = "Lobbypay.Snapshots"
QML_IMPORT_MAJOR_VERSION = 1

STALE_MS = 1500
"""A picture that does not move any more is no camera's: after this long the drawing stands there again."""
HALO, LINE = 0.014, 0.008
"""Of the picture's width: a dark line under a bright one is seen on any paper."""
DARK = QColor("#101820")


@QmlElement
class PreviewPart(QObject):
    """The picture that came last. Not `live` while there is none; `ratio` is its width over its height."""

    changed = Signal()
    turned = Signal()
    """It became live, or ceased to be, or has another form."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._preview = NO_PREVIEW
        self._stale = QTimer(self)
        self._stale.setSingleShot(True)
        self._stale.setInterval(STALE_MS)
        self._stale.timeout.connect(self.forget)

    @property
    def preview(self) -> Preview:
        return self._preview

    def show(self, preview: Preview) -> None:
        before, self._preview = self._preview, preview
        if preview.pixels:
            self._stale.start()
        else:
            self._stale.stop()
        self.changed.emit()
        if (before.width, before.height) != (preview.width, preview.height):
            self.turned.emit()

    def forget(self) -> None:
        """Nothing of what was seen stays."""
        if self._preview is not NO_PREVIEW:
            self.show(NO_PREVIEW)

    def _is_live(self) -> bool:
        return self._preview.pixels != b""

    def _ratio(self) -> float:
        return self._preview.width / self._preview.height if self._preview.height else 1.0

    live = Property(bool, _is_live, notify=turned)
    ratio = Property(float, _ratio, notify=turned)


@QmlElement
class PreviewView(QQuickItem):
    """Draws a part's picture as large as itself. `line` is the colour around what was found."""

    partChanged = Signal()
    lineChanged = Signal()

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._part: PreviewPart | None = None
        self._line = QColor("white")
        self._drawn: Preview | None = None
        self.setFlag(QQuickItem.Flag.ItemHasContents)

    def updatePaintNode(self, old: QSGNode | None, data: QQuickItem.UpdatePaintNodeData) -> QSGNode:
        """The picture's node. It is kept when there is nothing to see, with one clear pixel in it instead of the last picture."""
        node = old if isinstance(old, QSGImageNode) else self.window().createImageNode()
        preview = self._part.preview if self._part is not None else NO_PREVIEW
        if preview is not self._drawn or old is None:
            self._drawn = preview
            node.setTexture(self._texture(preview))
            node.setOwnsTexture(True)
        node.setRect(self.boundingRect())
        node.setFiltering(QSGTexture.Filtering.Linear)
        return node

    def _texture(self, preview: Preview) -> QSGTexture:
        return self.window().createTextureFromImage(_image(preview, self._line))

    def _get_part(self) -> PreviewPart | None:
        return self._part

    def _set_part(self, part: PreviewPart | None) -> None:
        if self._part is not None:
            self._part.changed.disconnect(self.update)
        self._part = part
        if part is not None:
            part.changed.connect(self.update)
        self.partChanged.emit()
        self.update()

    def _get_line(self) -> QColor:
        return self._line

    def _set_line(self, line: QColor) -> None:
        self._line = line
        self.lineChanged.emit()

    part = Property(PreviewPart, _get_part, _set_part, notify=partChanged)
    line = Property(QColor, _get_line, _set_line, notify=lineChanged)


def _image(preview: Preview, line: QColor) -> QImage:
    """The picture with its lines, in memory of its own: a QImage over Python's bytes does not keep them."""
    if not preview.pixels:
        clear = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
        clear.fill(QColor(0, 0, 0, 0))
        return clear
    stride = 3 * preview.width
    borrowed = QImage(preview.pixels, preview.width, preview.height, stride, QImage.Format.Format_BGR888)
    image = borrowed.convertToFormat(QImage.Format.Format_RGB32)
    if preview.found:
        from PySide6.QtCore import Qt  # to name it loads Qt's hundred enumerations, for which the first frame has no time

        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for corners in preview.found:
            around = QPolygonF([QPointF(x, y) for x, y in zip(corners[::2], corners[1::2], strict=True)])
            for colour, width in ((DARK, HALO), (line, LINE)):
                pen = QPen(colour, width * preview.width)
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                painter.setPen(pen)
                painter.drawPolygon(around)
        painter.end()
    return image

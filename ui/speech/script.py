"""What is said: a screen whole, the place that the keys are on, what has changed. Pure; every word is the snapshot's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kiosk.visit.screens import Action, Bill, Choices, Keypad, Letters, Picture, Privacy, QrCode, Said, Snapshot, Voice


def screen(snapshot: Snapshot) -> list[Said]:
    """All that is on the screen and is no button; of a question over the screen, that alone."""
    return [said for said in _screen(snapshot) if said.speech]


def _screen(snapshot: Snapshot) -> Iterator[Said]:
    if snapshot.overlay is not None:
        yield snapshot.overlay.title
        yield from snapshot.overlay.lines
        return
    yield snapshot.title
    if snapshot.notice is not None:
        yield snapshot.notice
    yield from snapshot.lines
    match snapshot.middle:
        case Picture(caption=caption) | QrCode(caption=caption):
            yield caption
        case Bill(rows=rows):
            for row in rows:
                yield _together(row.label, row.value)
        case Keypad() as keypad:
            yield keypad.hint
            yield from _phrases(snapshot.voice, "keypad")
        case Letters(hint=hint):
            yield hint
    if snapshot.amount is not None:
        yield _together(snapshot.amount_label, snapshot.amount)


def intro(snapshot: Snapshot) -> list[Said]:
    """How one listens: said when it begins."""
    return list(_phrases(snapshot.voice, "intro"))


def spot(snapshot: Snapshot, name: str) -> list[Said]:
    """What the keys are on, by its object name; empty where it is none of the snapshot's."""
    kind, _, which = name.partition(":")
    overlay = snapshot.overlay
    match kind:
        case "title" | "notice" | "amount" | "caption" | "entry" | "row" | "line" | "key":
            return _words(snapshot, kind, which)
        case "overlay-title" if overlay is not None:
            return [overlay.title]
        case "overlay-line" if overlay is not None:
            return [overlay.lines[int(which)]]
        case "overlay" if overlay is not None:
            current = _phrases(snapshot.voice, "current") if which == snapshot.language else ()
            return [*_button(snapshot, [(action.value or action.intent, action) for action in overlay.actions], which), *current]
        case "foot":
            return _button(snapshot, [(action.intent, action) for action in snapshot.foot], which)
        case "top":
            return _button(snapshot, [(action.intent, action) for action in snapshot.top], which)
        case _:
            return _button(snapshot, _answers(snapshot), which if kind == "choice" else name)


def changes(before: Snapshot, after: Snapshot) -> list[Said]:
    """What is new on a screen that is still the same one."""
    said: list[Said] = []
    if after.notice is not None and after.notice != before.notice:
        said.append(after.notice)
    if isinstance(before.middle, Keypad | Letters) and isinstance(after.middle, Keypad | Letters):
        said += _typed(before.middle.shown, after.middle.shown, after.voice)
    elif screen(before) != screen(after):
        old = screen(before)
        said += [new for new in screen(after) if new not in old and new != after.notice]
    if before.voice is not None and after.voice is not None:
        said += [Said("", after.voice.phrases[name]) for name in ("rate", "volume")
                 if after.voice.phrases[name] != before.voice.phrases[name] and before.language == after.language]  # fmt: skip
    return said


def phrase(snapshot: Snapshot, name: str, **values: str) -> list[Said]:
    """One of the voice's own, its {places} filled in."""
    return [Said("", _filled(said.speech, **values)) for said in _phrases(snapshot.voice, name)]


def _words(snapshot: Snapshot, kind: str, which: str) -> list[Said]:
    middle = snapshot.middle
    match kind, middle:
        case "title", _:
            return [snapshot.title]
        case "line", _:
            return [snapshot.lines[int(which)]]
        case "row", Bill(rows=rows):
            return [_together(rows[int(which)].label, rows[int(which)].value)]
        case "caption", Picture(caption=caption) | QrCode(caption=caption):
            return [caption]
        case "entry", Keypad(shown=shown, hint=hint) | Letters(shown=shown, hint=hint):
            typed = _hidden(shown, snapshot.voice) if shown.privacy is Privacy.NEVER else [shown] if shown.speech else []
            return [*_phrases(snapshot.voice, "typed" if typed else "nothing"), *typed, hint]
        case "key", Keypad() | Letters():
            said = _named_keys(middle).get(which, Said(which, which))
            return phrase(snapshot, "button", what=said.speech)
        case "amount", _ if snapshot.amount is not None:
            return [_together(snapshot.amount_label, snapshot.amount)]
        case "notice", _ if snapshot.notice is not None:
            return [snapshot.notice]
        case _:
            return []


def _named_keys(middle: Keypad | Letters) -> dict[str, Said]:
    """The keys that have words of their own, by what they send."""
    if isinstance(middle, Keypad):
        return {"erase": middle.erase, "clear": middle.clear}
    named = {key.value or key.intent: key.label for key in (*middle.keys, middle.left)}
    return {"erase": middle.erase, "space": middle.space.label} | named


def _answers(snapshot: Snapshot) -> list[tuple[str, Action]]:
    """The buttons between the words and the foot, by their names."""
    choices = snapshot.middle.items if isinstance(snapshot.middle, Choices) else ()
    named = list[tuple[str, Action]]()
    for choice in choices:
        named.append((choice.value or choice.intent, choice))
        if choice.see is not None:
            named.append((f"see:{choice.value}", Action("see", choice.see, choice.value)))
    for name, action in (
        ("primary", snapshot.primary),
        ("secondary", snapshot.secondary),
        *((f"more:{action.intent}", action) for action in snapshot.more),
        ("back", snapshot.back),
        ("cancel", snapshot.cancel),
    ):
        if action is not None:
            named.append((name, action))
    return named


def _button(snapshot: Snapshot, named: Sequence[tuple[str, Action]], name: str) -> list[Said]:
    """A button, and which of how many. In its own language where that is another than the screen's: then without the rest."""
    for number, (each, action) in enumerate(named, start=1):
        if each == name:
            label = action.label
            if label.language not in ("", snapshot.language):
                return [label, *phrase(snapshot, "place", what="", n=str(number), count=str(len(named)))]
            return [
                Said("", said.speech, label.privacy)
                for said in phrase(snapshot, "place", what=label.speech, n=str(number), count=str(len(named)))
            ]
    return []


def _typed(before: Said, after: Said, voice: Voice | None) -> list[Said]:
    """The digit that was added; the whole where it is no row of digits, as an amount; that something went."""
    if before.text == after.text:
        return []
    if _length(after) < _length(before):
        return list(_phrases(voice, "erased"))
    if after.privacy is Privacy.NEVER:
        return _hidden(after, voice)
    added = after.speech.removeprefix(before.speech).strip()
    return [Said("", added, after.privacy)]


def _hidden(shown: Said, voice: Voice | None) -> list[Said]:
    return list(_phrases(voice, "hidden")) if shown.text else []


def _length(shown: Said) -> int:
    return len(shown.text.replace("_", "").strip())


def _together(label: Said | None, value: Said) -> Said:
    if label is None:
        return value
    privacy = label.privacy if label.privacy is not Privacy.OPEN else value.privacy
    return Said("", f"{label.speech}: {value.speech}" if value.speech else label.speech, privacy)


def _phrases(voice: Voice | None, name: str) -> Iterator[Said]:
    if voice is not None:
        yield Said("", voice.phrases[name])


def _filled(pattern: str, **values: str) -> str:
    for name, value in values.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern.strip(" ,、，،")

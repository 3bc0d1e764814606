// Text as the look has it: it wraps, it is heard, and it is never cut short.
pragma ComponentBehavior: Bound
import QtQuick

Text {
    property string speech: text

    color: Theme.ink
    font.family: Theme.familyOf(text)
    font.pixelSize: Theme.body
    font.features: Theme.digits
    wrapMode: Text.WordWrap
    horizontalAlignment: Text.AlignLeft // said, it is mirrored; else a Latin name would stand at the left of an Arabic screen
    textFormat: Text.PlainText
    renderType: Text.QtRendering
    Accessible.role: Accessible.StaticText
    Accessible.name: speech
    Accessible.ignored: text.length === 0 || !enabled
}

// Text as the look has it: it wraps, it is heard, and it is never cut short.
pragma ComponentBehavior: Bound
import QtQuick

Text {
    property string speech: text

    color: Theme.ink
    font.family: Theme.family
    font.pixelSize: Theme.body
    font.features: Theme.digits
    wrapMode: Text.WordWrap
    textFormat: Text.PlainText
    renderType: Text.QtRendering
    Accessible.role: Accessible.StaticText
    Accessible.name: speech
    Accessible.ignored: text.length === 0
}

// How wide words are on one line. They themselves cannot be asked before they were laid out, in the width that would follow from
// it; and TextMetrics would not ask again when the letters of another language have come.
pragma ComponentBehavior: Bound
import QtQuick

Text {
    required property Words of
    readonly property real lineWidth: Math.ceil(implicitWidth) + Theme.px(6)

    visible: false
    text: of.text
    font: of.font
    textFormat: Text.PlainText
    Accessible.ignored: true
}

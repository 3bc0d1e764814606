// How wide words are on one line. Their own implicit width is not told before they were laid out in the width that would follow
// from it: who asks first makes a loop.
pragma ComponentBehavior: Bound
import QtQuick

TextMetrics {
    required property Words of
    readonly property real lineWidth: Math.ceil(advanceWidth) + Theme.px(6)

    text: of.text
    font: of.font
}

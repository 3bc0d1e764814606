// Shows which control the keys are on: a ring with a gap, so that it is seen on any colour.
pragma ComponentBehavior: Bound
import QtQuick

Rectangle {
    property real corner: Theme.corner

    anchors.fill: parent
    anchors.margins: -Theme.px(8)
    color: "transparent"
    radius: corner + Theme.px(8)
    border.width: Theme.px(6)
    border.color: Theme.focus
}

// There is no engine: a calm moment without words, and nothing to touch.
pragma ComponentBehavior: Bound
import QtQuick

Rectangle {
    id: waiting

    color: Theme.paper

    MouseArea { anchors.fill: parent; hoverEnabled: true }
    Drawing {
        name: "wait"
        moving: waiting.visible && Theme.motion
        tone: Theme.brand
        width: Theme.px(240)
        height: width
        anchors.centerIn: parent
    }
}

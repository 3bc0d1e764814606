// Anything that can be touched: a name, words that are heard, an intent; large enough, and it shows that it was pressed.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T

T.AbstractButton {
    id: touch

    property string intent
    property string value
    property string speech: text
    property color face: Theme.card
    property color facePressed: Theme.pressed
    property color edge: Theme.touchEdge
    property real edgeWidth: Theme.line
    property real corner: Theme.corner

    implicitHeight: Math.max(Theme.touch, implicitContentHeight + topPadding + bottomPadding)
    implicitWidth: Math.max(Theme.touch, implicitContentWidth + leftPadding + rightPadding)
    leftPadding: Theme.gap
    rightPadding: Theme.gap
    topPadding: Theme.px(14)
    bottomPadding: Theme.px(14)
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Button
    Accessible.name: speech
    Accessible.ignored: !enabled // what lies under a question is not there for a screen reader either
    onClicked: Hand.acted(intent, value)

    background: Rectangle {
        radius: touch.corner
        color: touch.down ? touch.facePressed : touch.face
        border.width: touch.edgeWidth
        border.color: touch.edge
        Behavior on color {
            enabled: Theme.motion
            ColorAnimation { duration: Theme.pressMs }
        }
        FocusRing { visible: touch.activeFocus && Theme.keys; corner: touch.corner }
    }
}

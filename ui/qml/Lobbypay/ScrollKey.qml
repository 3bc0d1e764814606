// A chevron that scrolls.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T

T.AbstractButton {
    id: key

    required property string glyph
    required property bool usable

    width: Theme.touch
    height: Theme.touch
    focusPolicy: Qt.NoFocus
    opacity: usable ? 1 : 0.35
    Accessible.ignored: true

    background: Rectangle {
        radius: Theme.corner
        color: key.down ? Theme.pressed : Theme.card
        border.width: Theme.line
        border.color: Theme.touchEdge
    }
    contentItem: Item {
        Glyph {
            name: key.glyph
            anchors.centerIn: parent
            width: Theme.px(44)
            height: width
        }
    }
}

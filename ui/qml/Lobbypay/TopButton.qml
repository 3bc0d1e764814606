// A service beside the name of the kiosk: its words, after a sign where it has one.
pragma ComponentBehavior: Bound
import QtQuick

Touch {
    id: button

    required text
    required speech
    required intent
    required value
    property string glyph

    objectName: "top:" + intent
    topPadding: Theme.px(8)
    bottomPadding: topPadding

    contentItem: Item {
        readonly property real before: sign.visible ? sign.width + Theme.px(12) : 0

        implicitWidth: before + natural.lineWidth
        implicitHeight: Math.max(sign.height, words.contentHeight)

        Glyph {
            id: sign
            name: button.glyph
            visible: name.length > 0
            colour: Theme.brand
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
        }
        Natural {
            id: natural
            of: words
        }
        Words {
            id: words
            text: button.text
            font.pixelSize: Theme.px(30 * (1 + Theme.grown) / 2)
            anchors.left: parent.left
            anchors.leftMargin: parent.before
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            Accessible.ignored: true
        }
    }
}

// One possible answer.
pragma ComponentBehavior: Bound
import QtQuick

Touch {
    id: choice

    required text
    required speech
    required intent
    required value
    property bool seen: true
    property real tall: Theme.primary

    objectName: "choice:" + (value || intent)
    implicitHeight: Math.max(tall, implicitContentHeight + topPadding + bottomPadding)
    leftPadding: Theme.padding
    rightPadding: Theme.padding

    contentItem: Item {
        implicitHeight: words.implicitHeight

        Words {
            id: words
            text: choice.text
            font.pixelSize: Theme.strong
            font.bold: true
            anchors.left: parent.left
            anchors.right: arrow.left
            anchors.rightMargin: Theme.apart
            anchors.verticalCenter: parent.verticalCenter
            Accessible.ignored: true
        }
        Glyph {
            id: arrow
            name: "next"
            colour: Theme.brand
            visible: choice.seen
            width: Theme.px(40)
            height: width
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}

// One of the four services at the foot of every screen: a sign over its word.
pragma ComponentBehavior: Bound
import QtQuick

Touch {
    id: button

    required text
    required speech
    required intent
    required value

    objectName: "foot:" + intent
    edgeWidth: 0
    leftPadding: Theme.px(8)
    rightPadding: Theme.px(8)

    contentItem: Item {
        implicitHeight: column.height
        implicitWidth: words.implicitWidth

        Column {
            id: column
            width: parent.width
            spacing: Theme.px(6)
            anchors.verticalCenter: parent.verticalCenter

            Glyph {
                name: button.intent
                colour: Theme.brand
                width: Theme.px(40)
                height: width
                anchors.horizontalCenter: parent.horizontalCenter
            }
            Words {
                id: words
                text: button.text
                font.pixelSize: Theme.label
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                Accessible.ignored: true
            }
        }
    }
}

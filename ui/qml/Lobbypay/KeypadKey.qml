// One key of the keypad.
pragma ComponentBehavior: Bound
import QtQuick

Touch {
    id: key

    property string glyph
    property bool quiet

    objectName: "key:" + (value || intent)
    leftPadding: Theme.px(8)
    rightPadding: Theme.px(8)
    topPadding: 0
    bottomPadding: 0
    face: quiet ? Theme.paper : Theme.card

    contentItem: Item {
        Row {
            anchors.centerIn: parent
            spacing: Theme.px(12)

            Glyph {
                name: key.glyph
                visible: name.length > 0
                width: Theme.px(36)
                height: width
                anchors.verticalCenter: parent.verticalCenter
            }
            Words {
                text: key.text
                font.pixelSize: key.quiet ? Theme.label : Theme.px(48 * Theme.grownLarge)
                font.bold: !key.quiet
                wrapMode: Text.NoWrap
                anchors.verticalCenter: parent.verticalCenter
                Accessible.ignored: true
            }
        }
    }
}

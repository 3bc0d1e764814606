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
        Column {
            anchors.centerIn: parent
            width: parent.width

            Glyph {
                name: key.glyph
                visible: name.length > 0
                width: Theme.px(44)
                height: width
                anchors.horizontalCenter: parent.horizontalCenter
            }
            Words {
                visible: key.glyph.length === 0
                text: key.text
                font.pixelSize: key.quiet ? Theme.label : Theme.px(48 * Theme.grownLarge)
                font.bold: !key.quiet
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                Accessible.ignored: true
            }
        }
    }
}

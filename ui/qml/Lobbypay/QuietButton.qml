// An action beside the main one: back, cancel, another way.
pragma ComponentBehavior: Bound
import QtQuick

Touch {
    id: button

    property string glyph

    contentItem: Item {
        implicitWidth: icon.width + words.implicitWidth
        implicitHeight: words.implicitHeight

        Row {
            anchors.centerIn: parent

            Glyph {
                id: icon
                name: button.glyph
                colour: Theme.ink
                visible: name.length > 0 && words.implicitWidth + Theme.px(36) + Theme.apart <= button.availableWidth
                width: visible ? Theme.px(36) : 0
                height: Theme.px(36)
                anchors.verticalCenter: parent.verticalCenter
            }
            Item {
                visible: icon.visible
                width: Theme.apart
                height: 1
            }
            Words {
                id: words
                readonly property real room: button.availableWidth - (icon.visible ? icon.width + Theme.apart : 0)
                text: button.text
                width: Math.min(implicitWidth, room)
                horizontalAlignment: Text.AlignHCenter
                Accessible.ignored: true
            }
        }
    }
}

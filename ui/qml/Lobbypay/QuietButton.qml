// An action beside the main one: back, cancel, another way.
pragma ComponentBehavior: Bound
import QtQuick

Touch {
    id: button

    property string glyph

    leftPadding: Theme.roomy ? Theme.gap : Theme.apart
    rightPadding: leftPadding

    contentItem: Item {
        implicitWidth: words.before + natural.lineWidth
        implicitHeight: words.implicitHeight

        Glyph {
            id: icon
            name: button.glyph
            colour: Theme.ink
            visible: name.length > 0
            width: Theme.px(36)
            height: width
            x: words.x + (button.mirrored ? (words.width + words.contentWidth) / 2 + Theme.apart : (words.width - words.contentWidth) / 2 - width - Theme.apart)
            anchors.verticalCenter: parent.verticalCenter
        }
        Natural {
            id: natural
            of: words
        }
        Words {
            id: words
            readonly property real before: icon.visible ? icon.width + Theme.apart : 0
            text: button.text
            x: button.mirrored ? 0 : before
            width: button.availableWidth - before
            anchors.verticalCenter: parent.verticalCenter
            horizontalAlignment: Text.AlignHCenter
            Accessible.ignored: true
        }
    }
}

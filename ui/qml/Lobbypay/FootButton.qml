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
        implicitHeight: beside ? Math.max(sign.height, words.height) : sign.height + Theme.px(6) + words.height

        // over the word while words are small, beside it when they have grown: the foot must not eat the page
        readonly property bool beside: !Theme.roomy
        readonly property real both: sign.width + Theme.px(12) + words.width

        Glyph {
            id: sign
            name: button.intent
            colour: Theme.brand
            width: Theme.px(40 * Theme.grownLarge)
            height: width
            x: !parent.beside ? (parent.width - width) / 2 : (parent.width + (button.mirrored ? parent.both : -parent.both)) / 2 - (button.mirrored ? width : 0)
            y: parent.beside ? (parent.height - height) / 2 : (parent.height - parent.implicitHeight) / 2
        }
        Natural {
            id: natural
            of: words
        }
        Words {
            id: words
            text: button.text
            font.pixelSize: Theme.label
            width: parent.beside ? Math.min(natural.lineWidth, parent.width - sign.width - Theme.px(12)) : parent.width
            x: !parent.beside ? 0 : button.mirrored ? sign.x - Theme.px(12) - width : sign.x + sign.width + Theme.px(12)
            y: parent.beside ? (parent.height - height) / 2 : sign.y + sign.height + Theme.px(6)
            horizontalAlignment: parent.beside ? Text.AlignLeft : Text.AlignHCenter
            Accessible.ignored: true
        }
    }
}

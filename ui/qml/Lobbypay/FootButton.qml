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
        implicitHeight: both.height

        Natural {
            id: natural
            of: words
        }
        // over the word while words are small, beside it when they have grown: the foot must not eat the page
        Grid {
            id: both
            columns: Theme.roomy ? 1 : 2
            spacing: Theme.px(Theme.roomy ? 6 : 12)
            horizontalItemAlignment: Grid.AlignHCenter
            verticalItemAlignment: Grid.AlignVCenter
            anchors.centerIn: parent

            Glyph {
                id: sign
                name: button.intent
                colour: Theme.brand
                width: Theme.px(40 * Theme.grownLarge)
                height: width
            }
            Words {
                id: words
                text: button.text
                font.pixelSize: Theme.label
                width: Theme.roomy ? button.availableWidth : Math.min(natural.lineWidth, button.availableWidth - sign.width - both.spacing)
                horizontalAlignment: Theme.roomy ? Text.AlignHCenter : Text.AlignLeft
                Accessible.ignored: true
            }
        }
    }
}

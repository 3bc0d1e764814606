// The language that is spoken, in its own words with a globe beside: it opens the choice of all.
pragma ComponentBehavior: Bound
import QtQuick

Touch {
    id: button

    required text
    required speech
    required intent
    required value

    objectName: "top:" + intent

    contentItem: Item {
        implicitWidth: globe.width + Theme.px(12) + words.implicitWidth
        implicitHeight: Math.max(globe.height, words.implicitHeight)

        Glyph {
            id: globe
            name: "language"
            colour: Theme.brand
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
        }
        Words {
            id: words
            text: button.text
            font.pixelSize: Theme.px(30 * Theme.grownLarge)
            wrapMode: Text.NoWrap
            anchors.left: globe.right
            anchors.leftMargin: Theme.px(12)
            anchors.verticalCenter: parent.verticalCenter
            Accessible.ignored: true
        }
    }
}

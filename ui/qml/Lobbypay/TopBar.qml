// Whose kiosk this is, the way to help with paying where the page has no room for it, and the language that is spoken.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: bar

    required property Store store
    property bool helping

    // where the words of the buttons leave no room for the name, the mark says whose kiosk it is
    readonly property bool named: width - mark.width - languages.width - 2 * Theme.apart > Theme.px(320) * Theme.grownLarge

    implicitHeight: Math.max(Theme.px(112), languages.height + Theme.gap, named ? name.height + Theme.gap : 0)

    Loader {
        id: mark
        sourceComponent: bar.store.logo.toString() ? logo : sign
        anchors.left: parent.left
        anchors.verticalCenter: parent.verticalCenter
    }
    Component {
        id: sign

        Rectangle {
            width: Theme.px(56)
            height: width
            radius: Theme.px(14)
            color: Theme.brand

            Glyph {
                name: "site"
                colour: Theme.brandInk
                anchors.centerIn: parent
            }
        }
    }
    Component {
        id: logo

        Logo {
            source: bar.store.logo
        }
    }
    Words {
        id: name
        visible: bar.named
        text: bar.store.siteName
        font.pixelSize: Theme.px(30 * Theme.grownLarge)
        font.bold: true
        anchors.left: mark.right
        anchors.leftMargin: Theme.apart
        anchors.right: languages.left
        anchors.rightMargin: Theme.apart
        anchors.verticalCenter: parent.verticalCenter
    }
    Row {
        id: languages
        spacing: Theme.apart
        height: childrenRect.height
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter

        Repeater {
            model: bar.helping ? bar.store.more : null

            TopButton {
                objectName: "more:" + intent
                visible: intent === "help-paying"
                width: Math.min(implicitWidth, bar.width - mark.width - (choice.itemAt(0)?.implicitWidth ?? 0) - 3 * Theme.apart)
            }
        }
        Repeater {
            id: choice
            model: bar.store.top

            TopButton { glyph: "language" }
        }
    }
}

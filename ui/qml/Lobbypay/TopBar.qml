// Whose kiosk this is, and the language it speaks.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: bar

    required property Store store

    implicitHeight: Math.max(Theme.px(112), languages.height + Theme.gap, name.height + Theme.gap)

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
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter

        Repeater {
            model: bar.store.top

            TopButton {}
        }
    }
}

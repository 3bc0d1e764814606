// The one main action of a screen: full width, filled with the brand.
pragma ComponentBehavior: Bound
import QtQuick

Touch {
    id: button

    property color inkColour: Theme.brandInk

    implicitHeight: Math.max(Theme.primary, implicitContentHeight + topPadding + bottomPadding)
    face: Theme.brand
    facePressed: Theme.brandPressed
    edgeWidth: 0

    contentItem: Words {
        text: button.text
        color: button.inkColour
        font.pixelSize: Theme.strong
        font.bold: true
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        Accessible.ignored: true
    }
}

// The round field on which the results stand.
pragma ComponentBehavior: Bound
import QtQuick

Art {
    id: art

    Rectangle {
        anchors.fill: parent
        anchors.margins: 6
        radius: width / 2
        color: Theme.contrast ? Theme.card : Qt.tint(Theme.card, Qt.alpha(art.tone, 0.12))
        border.width: 8
        border.color: art.tone
    }
}

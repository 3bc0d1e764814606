// The window: a page, what may lie over it, and the theme that follows the snapshot.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Window {
    id: face

    required property Store store
    property bool settled
    property bool keys

    color: Theme.paper
    LayoutMirroring.enabled: store.rightToLeft
    LayoutMirroring.childrenInherit: true

    Binding { target: Theme; property: "scale"; value: Math.min(face.width, face.height) / 1080 }
    Binding { target: Theme; property: "kind"; value: face.store.theme }
    Binding { target: Theme; property: "own"; value: face.store.brand }
    Binding { target: Theme; property: "textPercent"; value: face.store.textPercent }
    Binding { target: Theme; property: "language"; value: face.store.language }
    Binding { target: Theme; property: "motion"; value: face.store.motion }
    Binding { target: Theme; property: "settled"; value: face.settled }
    Binding { target: Theme; property: "keys"; value: face.keys }

    Connections {
        target: Hand
        function onActed(intent: string, value: string) {
            face.store.act(intent, value);
        }
    }
    Page {
        id: page
        store: face.store
        anchors.fill: parent
        enabled: !overlay.visible && !waiting.visible
    }
    LaterLoader {
        id: overlay
        anchors.fill: parent
        wanted: face.store.overlay.present
        file: Qt.resolvedUrl("Overlay.qml")
        properties: ({ part: face.store.overlay, low: Qt.binding(() => page.low) })
    }
    // dark because the listener asked for it; any touch lifts it
    Rectangle {
        anchors.fill: parent
        color: "black"
        visible: face.store.curtain && face.store.connected

        MouseArea {
            anchors.fill: parent
            onPressed: Hand.acted("curtain", "up")
        }
    }
    LaterLoader {
        id: waiting
        anchors.fill: parent
        wanted: !face.store.connected
        file: Qt.resolvedUrl("Waiting.qml")
    }
}

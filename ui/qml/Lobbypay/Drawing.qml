// Our own drawings by name: "hold-bill" is ArtHoldBill. Each is loaded when first needed and kept, so that a card's steps change at once.
pragma ComponentBehavior: Bound
import QtQuick

Item {
    id: drawing

    required property string name
    readonly property string drawn: name === "camera" ? "hold-bill" : name // until what the camera sees is there
    required property bool moving
    required property color tone

    function fileOf(name: string): url {
        return Qt.resolvedUrl("Art" + name.split("-").map(word => word[0].toUpperCase() + word.slice(1)).join("") + ".qml");
    }

    property list<string> names: ["hold-bill", "bill", "insert-card", "remove-card", "enter-pin", "wait", "clock", "paper", "tick", "cross", "warning", "door"]

    Repeater {
        model: Theme.settled ? drawing.names : drawing.drawn.length > 0 ? [drawing.drawn] : []

        LaterLoader {
            id: loader

            required property string modelData

            file: drawing.fileOf(modelData)
            wanted: drawing.drawn === modelData
            properties: ({
                moving: Qt.binding(() => drawing.moving && loader.wanted),
                tone: Qt.binding(() => drawing.tone)
            })
            scale: drawing.width / 240
            transformOrigin: Item.TopLeft
        }
    }
}

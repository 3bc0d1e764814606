// Our own drawings by name. Each is made when it is first needed and kept, so that the steps of a card change at once.
pragma ComponentBehavior: Bound
import QtQuick

Item {
    id: drawing

    required property string name
    required property bool moving
    required property color tone

    Repeater {
        model: [
            { "name": "hold-bill", "art": holdBill }, { "name": "insert-card", "art": insertCard },
            { "name": "remove-card", "art": removeCard }, { "name": "enter-pin", "art": enterPin },
            { "name": "wait", "art": wait }, { "name": "clock", "art": clock }, { "name": "paper", "art": paper },
            { "name": "tick", "art": tick }, { "name": "cross", "art": cross },
            { "name": "warning", "art": warning }, { "name": "door", "art": door }
        ]

        Loader {
            id: loader

            required property var modelData
            readonly property bool wanted: drawing.name === modelData.name

            visible: wanted
            active: false
            onWantedChanged: if (wanted) active = true
            Component.onCompleted: if (wanted) active = true
            sourceComponent: modelData.art
            scale: drawing.width / 240
            transformOrigin: Item.TopLeft

            Binding { target: loader.item; property: "moving"; value: drawing.moving && loader.wanted }
            Binding { target: loader.item; property: "tone"; value: drawing.tone }
        }
    }
    Component { id: holdBill; ArtHoldBill {} }
    Component { id: insertCard; ArtCard { inserting: true } }
    Component { id: removeCard; ArtCard { inserting: false } }
    Component { id: enterPin; ArtPin {} }
    Component { id: wait; ArtWait {} }
    Component { id: clock; ArtClock {} }
    Component { id: paper; ArtPaper {} }
    Component { id: tick; ArtTick {} }
    Component { id: cross; ArtCross {} }
    Component { id: warning; ArtWarning {} }
    Component { id: door; ArtDoor {} }
}

// An answer to the question over the screen; the first is the main one.
pragma ComponentBehavior: Bound
import QtQuick

BigButton {
    id: button

    required text
    required speech
    required intent
    required value
    required property int index

    readonly property bool main: index === 0

    objectName: "overlay:" + (value || intent)
    face: main ? Theme.brand : Theme.card
    facePressed: main ? Theme.brandPressed : Theme.pressed
    edgeWidth: main ? 0 : Theme.line
    inkColour: main ? Theme.brandInk : Theme.ink
}

// Digits, and what was typed so far.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: keypad

    required property KeypadPart part

    readonly property real keyHeight: Math.min(Theme.px(132), (height - field.height - Theme.gap - 3 * Theme.apart) / 4)
    readonly property real keyWidth: (width - 2 * Theme.apart) / 3

    implicitHeight: field.height + Theme.gap + 3 * Theme.apart + 4 * Math.max(Theme.touch, Theme.px(40 * Theme.grown * 1.5))

    Rectangle {
        id: field
        width: parent.width
        height: typed.height + hint.height + 2 * Theme.apart
        y: grid.y - height - Theme.gap
        radius: Theme.corner
        color: Theme.card
        border.width: Theme.line
        border.color: Theme.edge

        Words {
            id: typed
            text: keypad.part.shown.text
            speech: keypad.part.shown.speech
            font.pixelSize: Theme.heading
            font.bold: true
            wrapMode: Text.NoWrap
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: Theme.label
            width: parent.width - 2 * Theme.gap
            height: Theme.heading * 1.3
            y: Theme.apart
            anchors.horizontalCenter: parent.horizontalCenter
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
        }
        Words {
            id: hint
            text: keypad.part.hint.text
            speech: keypad.part.hint.speech
            color: Theme.muted
            font.pixelSize: Theme.label
            width: parent.width - 2 * Theme.gap
            y: typed.y + typed.height
            anchors.horizontalCenter: parent.horizontalCenter
            horizontalAlignment: Text.AlignHCenter
        }
    }
    Grid {
        id: grid
        columns: 3
        spacing: Theme.apart
        anchors.bottom: parent.bottom
        LayoutMirroring.enabled: false

        Repeater {
            model: 9

            KeypadKey {
                required property int index
                intent: "key"
                value: String(index + 1)
                text: value
                width: keypad.keyWidth
                height: keypad.keyHeight
            }
        }
        KeypadKey {
            intent: "clear"
            text: keypad.part.clear.text
            speech: keypad.part.clear.speech
            quiet: true
            width: keypad.keyWidth
            height: keypad.keyHeight
        }
        KeypadKey {
            intent: "key"
            value: "0"
            text: value
            width: keypad.keyWidth
            height: keypad.keyHeight
        }
        KeypadKey {
            intent: "erase"
            text: keypad.part.erase.text
            speech: keypad.part.erase.speech
            glyph: "erase"
            quiet: true
            width: keypad.keyWidth
            height: keypad.keyHeight
        }
    }
}

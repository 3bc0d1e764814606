// The keys for digits, under what was typed so far.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: keypad

    required property KeypadPart part

    // the entry stands over the keys, or elsewhere on the page when there is no room for both
    property bool entryElsewhere
    readonly property real over: entryElsewhere ? 0 : entry.height + Theme.gap
    readonly property real keyHeight: Math.min(Theme.px(132), (height - over - 3 * Theme.apart) / 4)
    readonly property real keyWidth: (width - 2 * Theme.apart) / 3

    implicitHeight: over + 3 * Theme.apart + 4 * Theme.touch

    Entry {
        id: entry
        part: keypad.part
        visible: !keypad.entryElsewhere
        width: parent.width
        height: implicitHeight
        y: grid.y - height - Theme.gap
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

// The keys for a name or an address, in the order of the alphabet, under what was typed so far.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: letters

    required property KeypadPart part

    // as in Keypad
    property bool entryElsewhere
    readonly property int across: (width + Theme.apart) / 9 >= Theme.touch + Theme.apart ? 9 : 7
    readonly property int down: Math.ceil(part.letters.count / across) + 1
    readonly property real over: entryElsewhere ? 0 : entry.height + Theme.gap
    readonly property real keyHeight: Math.min(Theme.px(120), (height - over - (down - 1) * Theme.apart) / down)
    readonly property real keyWidth: (width - (across - 1) * Theme.apart) / across
    readonly property real thirdWidth: (width - 2 * Theme.apart) / 3

    implicitHeight: over + down * Theme.touch + (down - 1) * Theme.apart

    Entry {
        id: entry
        part: letters.part
        visible: !letters.entryElsewhere
        width: parent.width
        height: implicitHeight
        y: keys.y - height - Theme.gap
    }
    Column {
        id: keys
        spacing: Theme.apart
        anchors.bottom: parent.bottom
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true

        Grid {
            columns: letters.across
            spacing: Theme.apart

            Repeater {
                model: letters.part.letters

                KeypadKey {
                    required text
                    required speech
                    required intent
                    required value
                    width: letters.keyWidth
                    height: letters.keyHeight
                }
            }
        }
        Row {
            spacing: Theme.apart

            KeypadKey {
                intent: letters.part.left.intent
                value: letters.part.left.value
                text: letters.part.left.text
                speech: letters.part.left.speech
                quiet: true
                width: letters.thirdWidth
                height: letters.keyHeight
            }
            KeypadKey {
                objectName: "key:space"
                intent: letters.part.space.intent
                value: letters.part.space.value
                text: letters.part.space.text
                speech: letters.part.space.speech
                quiet: true
                width: letters.thirdWidth
                height: letters.keyHeight
            }
            KeypadKey {
                objectName: "key:erase"
                intent: "erase"
                text: letters.part.erase.text
                speech: letters.part.erase.speech
                glyph: "erase"
                quiet: true
                width: letters.thirdWidth
                height: letters.keyHeight
            }
        }
    }
}

// The words of a picture; before them a small sign, where the picture itself has no room.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: caption

    required property PicturePart part
    required property color tone
    property bool pictured // the picture is there, and needs no sign
    property bool centred
    property bool seen: true // the sign, of what is scrolled

    readonly property string signed: ({ tick: "good", cross: "bad", clock: "clock", warning: "warn" })[part.name] ?? ""
    // kept for the sign whether it is shown or not: how high the words are must not follow from the room that they leave
    readonly property real before: Theme.roomy || signed.length === 0 ? 0 : sign.width + Theme.apart
    readonly property alias words: words.text
    readonly property alias signY: sign.y
    readonly property alias signHeight: sign.height

    implicitHeight: Math.max(words.height, before > 0 ? sign.height : 0)

    Glyph {
        id: sign
        name: caption.pictured || Theme.roomy ? "" : caption.signed
        colour: caption.tone
        visible: name.length > 0 && caption.seen
        width: Theme.px(56)
        height: width
        readonly property real within: caption.centred ? (words.width - words.contentWidth) / 2 : 0
        x: LayoutMirroring.enabled ? words.x + words.width - within + Theme.apart : words.x + within - caption.before
        y: (caption.height - height) / 2
    }
    Passage {
        id: words
        objectName: "caption"
        text: caption.part.caption.text
        speech: caption.part.caption.speech
        font.bold: true
        x: caption.centred || !LayoutMirroring.enabled ? caption.before : 0
        y: (caption.height - height) / 2
        width: caption.width - caption.before * (caption.centred ? 2 : 1)
        horizontalAlignment: caption.centred ? Text.AlignHCenter : Text.AlignLeft
    }
}

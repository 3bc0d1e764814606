// What is needed to answer the question of the screen, and only that. Each kind is made when it is first needed, and kept.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: middle

    required property Store store
    property bool entryElsewhere
    property bool low
    property real inReach // of its height, from below: what a hand has to reach stands there

    readonly property string kind: store.middle
    readonly property bool typed: kind === "keypad" || kind === "letters"
    readonly property real least: kind === "keypad" ? keypad.least : kind === "letters" ? letters.least : kind === "bill" ? bill.least : kind === "picture" ? picture.least : kind === "choices" ? choices.least : kind === "code" ? code.least : 0

    readonly property bool touched: typed || kind === "choices"

    // what takes the half in a hand's reach and no more: keys, and a list that scrolls there; grown words need more
    readonly property bool lowered: typed || kind === "choices" && Theme.roomy && store.choicesPicture.name.length === 0

    // a picture of what the words say; not one that shows what to do
    readonly property bool adorning: kind === "picture" && store.lines.count > 0 && ["tick", "cross", "clock", "warning", "paper", "door"].includes(store.picture.name)

    component Kind: LaterLoader {
        required property string name
        readonly property real least: item ? (item as Item).implicitHeight : 0

        anchors.fill: parent
        wanted: middle.kind === name
    }

    Kind {
        id: choices
        name: "choices"
        file: Qt.resolvedUrl("Choices.qml")
        properties: ({ model: middle.store.choices, picture: middle.store.choicesPicture, inReach: Qt.binding(() => middle.inReach), tone: Qt.binding(() => middle.store.tone) })
    }
    Kind {
        id: picture
        name: "picture"
        file: Qt.resolvedUrl("Picture.qml")
        properties: ({ part: middle.store.picture, preview: middle.store.preview, tone: Qt.binding(() => middle.store.tone) })
    }
    Kind {
        id: keypad
        name: "keypad"
        file: Qt.resolvedUrl("Keypad.qml")
        properties: ({ part: middle.store.keypad, entryElsewhere: Qt.binding(() => middle.entryElsewhere) })
    }
    Kind {
        id: letters
        name: "letters"
        file: Qt.resolvedUrl("Letters.qml")
        properties: ({ part: middle.store.keypad, entryElsewhere: Qt.binding(() => middle.entryElsewhere) })
    }
    Kind {
        id: code
        name: "code"
        file: Qt.resolvedUrl("Code.qml")
        properties: ({ model: middle.store.code, caption: middle.store.caption })
    }
    Kind {
        id: bill
        name: "bill"
        file: Qt.resolvedUrl("BillView.qml")
        properties: ({ model: middle.store.bill, more: middle.store.more, low: Qt.binding(() => middle.low) })
    }
}

// One screen, with the same anatomy always: whose kiosk, one question, what is needed to answer it, the amount, the actions, the foot.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: page

    required property Store store

    readonly property bool wide: width > height
    readonly property real columnWidth: wide ? (width - 2 * Theme.margin - Theme.px(72)) / 2 : width - 2 * Theme.margin
    readonly property real columnX: wide && store.rightToLeft ? width - Theme.margin - columnWidth : Theme.margin // where reading begins
    readonly property real otherX: wide && !store.rightToLeft ? width - Theme.margin - columnWidth : Theme.margin

    // reach mode, for who sits or cannot lift an arm: what is touched stands in the lower half, as far as it has room there; what is
    // only read stands above. A screen that is wider than high has nothing out of reach
    readonly property bool low: store.reach && !wide
    readonly property bool lowered: low && middle.lowered
    readonly property real apart: low ? Theme.gap : Theme.padding

    readonly property real begin: low ? Theme.gap : topBar.height + Theme.gap
    readonly property real end: (low ? topBar.y : foot.y) - apart

    // words have the whole width of a page where nothing would stand beside them, and grown ones where nothing but an adornment
    readonly property bool spread: wide && (middle.kind === "" || !Theme.roomy && middle.adorning)

    // beside a picture there is room for the amount over the action; else it stands in the head's column
    readonly property bool amountOverAction: !wide || (!spread && middle.kind === "picture" && doing.y - begin - amount.height - Theme.gap - Theme.padding > middle.least)

    // grown words, and in reach mode what is touched, need all the room that there is
    readonly property bool crowded: !Theme.roomy || low && middle.touched

    // where the head and the middle end: above whatever stands under them
    readonly property real actionBegin: doing.y - (amount.visible && amountOverAction ? amount.height + Theme.gap : 0)
    readonly property real columnEnd: entry.visible ? entry.y : amount.visible && !amountOverAction ? amount.y : more.y
    readonly property real headEnd: (lowered ? lowBegin - (entry.visible ? entry.height + Theme.gap : 0) : !wide ? actionBegin : spread ? Math.min(columnEnd, doing.y) : columnEnd) - Theme.padding
    readonly property real middleEnd: actionBegin < end ? actionBegin - apart : end
    readonly property real lowBegin: Math.min(height / 2, middleEnd - middle.least)

    // what follows the head gets its least room first, then the head may scroll
    readonly property real headRoom: headEnd - begin - (!wide && !lowered && middle.least > 0 ? middle.least + Theme.padding : 0)

    Item {
        id: sheet
        width: parent.width
        height: parent.height

        Head {
            id: head
            store: page.store
            captioned: page.spread
            x: page.spread ? Theme.margin : page.columnX
            y: page.begin
            width: page.spread ? page.width - 2 * Theme.margin : page.columnWidth
            height: Math.max(0, Math.min(implicitHeight, page.headRoom))
        }
        Middle {
            id: middle
            visible: !page.spread
            store: page.store
            low: page.low
            inReach: page.low ? page.middleEnd - page.height / 2 : height
            entryElsewhere: page.low || page.wide && (!Theme.roomy || middle.kind === "letters")
            x: page.otherX
            y: page.wide ? page.begin : page.lowered ? page.lowBegin : head.y + head.height + Theme.padding
            width: page.columnWidth
            height: Math.max(0, page.middleEnd - y)
        }
        // with grown words, and in reach mode, the keypad has its room to itself, and the letters always in a wide page
        LaterLoader {
            id: entry
            wanted: middle.typed && middle.entryElsewhere
            file: Qt.resolvedUrl("Entry.qml")
            properties: ({ part: page.store.keypad })
            x: page.columnX
            y: (page.low ? page.lowBegin : amount.visible && !page.amountOverAction ? amount.y : more.y) - height - Theme.gap
            width: page.columnWidth
        }
        AmountBar {
            id: amount
            visible: page.store.amount.present
            label: page.store.amountLabel.text
            labelSpeech: page.store.amountLabel.speech
            amount: page.store.amount.text
            amountSpeech: page.store.amount.speech
            readonly property Item under: page.amountOverAction ? doing : more
            x: under.x
            y: under.y - Theme.gap - height
            width: page.columnWidth
            height: implicitHeight
        }
        Column {
            id: doing
            x: page.otherX
            y: (page.wide ? page.end : more.y - (more.height + leaving.height > 0 && height > 0 ? Theme.gap : 0)) - height
            width: page.columnWidth
            spacing: Theme.apart

            BigButton {
                objectName: "primary"
                visible: page.store.primary.present
                text: page.store.primary.text
                speech: page.store.primary.speech
                intent: page.store.primary.intent
                value: page.store.primary.value
                width: parent.width
            }
            QuietButton {
                objectName: "secondary"
                visible: page.store.secondary.present
                text: page.store.secondary.text
                speech: page.store.secondary.speech
                intent: page.store.secondary.intent
                value: page.store.secondary.value
                width: parent.width
            }
        }
        // what explains the screen, side by side; where there is no room, at the end of the bill, and who helps with paying in the top bar
        Row {
            id: more
            x: page.columnX
            y: leaving.y - (height > 0 && leaving.height > 0 ? Theme.apart : 0) - height
            width: page.columnWidth
            spacing: Theme.apart
            readonly property real cell: (width - spacing * (buttons.count - 1)) / Math.max(1, buttons.count)

            Repeater {
                id: buttons
                model: page.crowded ? null : page.store.more

                MoreButton {
                    width: more.cell
                }
            }
        }
        Row {
            id: leaving
            x: page.columnX
            y: page.end - height
            width: page.columnWidth
            spacing: Theme.apart
            readonly property bool both: back.visible && cancel.visible

            // grown words stand on one line where that can be: half of the row each, or what each needs and half of what is over
            readonly property real half: (width - spacing) / 2
            readonly property real over: width - spacing - back.implicitWidth - cancel.implicitWidth
            readonly property real first: !both ? width : over < 0 || Math.max(back.implicitWidth, cancel.implicitWidth) <= half ? half : back.implicitWidth + over / 2
            readonly property real tall: Math.max(back.visible ? back.implicitHeight : 0, cancel.visible ? cancel.implicitHeight : 0)

            QuietButton {
                id: back
                objectName: "back"
                visible: page.store.back.present
                glyph: Theme.roomy || !leaving.both ? "back" : ""
                text: page.store.back.text
                speech: page.store.back.speech
                intent: page.store.back.intent
                value: page.store.back.value
                width: leaving.first
                height: leaving.tall
            }
            QuietButton {
                id: cancel
                objectName: "cancel"
                visible: page.store.cancel.present
                glyph: Theme.roomy || !leaving.both ? "cancel" : ""
                text: page.store.cancel.text
                speech: page.store.cancel.speech
                intent: page.store.cancel.intent
                value: page.store.cancel.value
                width: leaving.both ? leaving.width - leaving.spacing - leaving.first : leaving.width
                height: leaving.tall
            }
        }
    }
    FootBar {
        id: foot
        model: page.store.foot
        width: parent.width
        height: implicitHeight
        anchors.bottom: parent.bottom
    }
    // last in the order of the keys
    TopBar {
        id: topBar
        store: page.store
        helping: page.crowded && page.store.more.count > 0
        x: Theme.margin
        y: page.low ? foot.y - height : 0
        width: parent.width - 2 * Theme.margin
        height: implicitHeight
    }
    Connections {
        target: page.store
        function onTurned() {
            turn.restart();
        }
    }
    // only the question moves: drawn without a GPU, a whole page that fades would cost the GUI thread its punctuality
    NumberAnimation {
        id: turn
        target: head
        property: "opacity"
        from: 0
        to: 1
        duration: Theme.pageMs
        easing.type: Easing.OutCubic
    }
}

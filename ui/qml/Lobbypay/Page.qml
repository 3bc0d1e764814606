// One screen, with the same anatomy always: whose kiosk, one question, what is needed to answer it, the amount, the actions, the foot.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: page

    required property Store store

    readonly property bool wide: width > height
    readonly property real columnWidth: wide ? (width - 2 * Theme.margin - Theme.px(72)) / 2 : width - 2 * Theme.margin
    readonly property real begin: topBar.height + Theme.gap
    readonly property real end: foot.y - Theme.padding

    // where the head and the middle end: above whatever stands under them
    readonly property real headEnd: (wide ? (amount.visible ? amount : leaving).y : doing.y - (amount.visible ? amount.height + Theme.gap : 0)) - Theme.padding
    readonly property real middleEnd: (wide ? doing.y : headEnd + Theme.padding) - Theme.padding

    // the one decision of the page: what follows the head gets its least room first, then the head may scroll
    readonly property real headRoom: wide ? headEnd - begin : headEnd - begin - (middle.least > 0 ? middle.least + Theme.padding : 0)

    TopBar {
        id: topBar
        store: page.store
        x: Theme.margin
        width: parent.width - 2 * Theme.margin
        height: implicitHeight
    }
    Item {
        id: sheet
        width: parent.width
        height: parent.height

        Head {
            id: head
            store: page.store
            x: page.wide && page.store.rightToLeft ? page.width - Theme.margin - width : Theme.margin
            y: page.begin
            width: page.columnWidth
            height: Math.max(0, Math.min(implicitHeight, page.headRoom))
        }
        Middle {
            id: middle
            store: page.store
            x: page.wide && !page.store.rightToLeft ? page.width - Theme.margin - width : Theme.margin
            y: page.wide ? page.begin : head.y + head.height + Theme.padding
            width: page.columnWidth
            height: Math.max(0, page.middleEnd - y)
        }
        AmountBar {
            id: amount
            visible: page.store.amount.present
            label: page.store.amountLabel.text
            labelSpeech: page.store.amountLabel.speech
            amount: page.store.amount.text
            amountSpeech: page.store.amount.speech
            x: head.x
            y: (page.wide ? leaving.y - (leaving.height > 0 ? Theme.gap : 0) : doing.y - (doing.height > 0 ? Theme.gap : 0)) - height
            width: page.columnWidth
            height: implicitHeight
        }
        Column {
            id: doing
            x: middle.x
            y: (page.wide ? page.end : leaving.y - (leaving.height > 0 && height > 0 ? Theme.gap : 0)) - height
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
        Row {
            id: leaving
            x: head.x
            y: page.end - height
            width: page.columnWidth
            spacing: Theme.apart
            readonly property bool both: back.visible && cancel.visible
            readonly property real tall: Math.max(back.visible ? back.implicitHeight : 0, cancel.visible ? cancel.implicitHeight : 0)

            QuietButton {
                id: back
                objectName: "back"
                visible: page.store.back.present
                glyph: "back"
                text: page.store.back.text
                speech: page.store.back.speech
                intent: page.store.back.intent
                value: page.store.back.value
                width: leaving.both ? (parent.width - parent.spacing) / 2 : parent.width
                height: leaving.tall
            }
            QuietButton {
                id: cancel
                objectName: "cancel"
                visible: page.store.cancel.present
                glyph: "cancel"
                text: page.store.cancel.text
                speech: page.store.cancel.speech
                intent: page.store.cancel.intent
                value: page.store.cancel.value
                width: leaving.both ? (parent.width - parent.spacing) / 2 : parent.width
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
    Connections {
        target: page.store
        function onTurned() {
            turn.restart();
        }
    }
    NumberAnimation {
        id: turn
        target: sheet
        property: "opacity"
        from: 0
        to: 1
        duration: Theme.pageMs
        easing.type: Easing.OutCubic
    }
}

// What is needed to answer the question of the screen, and only that. Each kind is made when it is first needed, and kept.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: middle

    required property Store store

    readonly property string kind: store.middle
    readonly property real least: kind === "keypad" ? keypad.least : kind === "bill" ? bill.least : kind === "picture" ? picture.least : kind === "choices" ? choices.least : 0

    component Kind: Loader {
        required property string name
        readonly property bool wanted: middle.kind === name
        readonly property real least: item ? item.implicitHeight : 0

        anchors.fill: parent
        visible: wanted
        active: false
        onWantedChanged: if (wanted) active = true
        Component.onCompleted: if (wanted) active = true
    }

    Kind {
        id: choices
        name: "choices"
        sourceComponent: Choices { model: middle.store.choices }
    }
    Kind {
        id: picture
        name: "picture"
        sourceComponent: Picture {
            part: middle.store.picture
            tone: middle.store.tone
        }
    }
    Kind {
        id: keypad
        name: "keypad"
        sourceComponent: Keypad { part: middle.store.keypad }
    }
    Kind {
        id: bill
        name: "bill"
        sourceComponent: BillView { model: middle.store.bill }
    }
}

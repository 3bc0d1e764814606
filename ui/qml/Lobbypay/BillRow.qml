// One line of a bill: what it is at the left, how much at the right; below it when there is no room beside.
pragma ComponentBehavior: Bound
import QtQuick

Item {
    id: row

    required property string text
    required property string speech
    required property string amount
    required property string amountSpeech
    required property string kind

    readonly property bool heading: kind === "heading"
    readonly property bool total: kind === "total"
    readonly property bool strong: heading || total || kind === "subtotal"
    readonly property real room: width - 2 * Theme.apart
    readonly property bool stacked: figure.implicitWidth + Theme.gap > room * 0.5 && figure.implicitWidth + Theme.gap + label.implicitWidth > room

    implicitHeight: (stacked ? label.height + figure.height : Math.max(label.height, figure.height)) + Theme.apart + (heading || total ? Theme.apart : 0)
    height: implicitHeight
    Accessible.role: Accessible.ListItem
    Accessible.name: amountSpeech.length > 0 ? speech + " " + amountSpeech : speech
    Accessible.ignored: !enabled

    FocusRing {
        visible: row.ListView.isCurrentItem && row.ListView.view.activeFocus && Theme.keys
        anchors.margins: 0
        radius: Theme.corner / 2
    }

    Rectangle {
        visible: row.total
        x: Theme.apart
        width: row.room
        height: Theme.line
        color: Theme.ink
    }
    Words {
        id: label
        text: row.text
        color: row.strong ? Theme.ink : Theme.muted
        font.pixelSize: row.total ? Theme.strong : row.heading ? Theme.body : Theme.label
        font.bold: row.strong
        wrapMode: Text.Wrap // as may a name
        width: row.stacked || row.amount.length === 0 ? row.room : row.room - figure.implicitWidth - Theme.gap
        anchors.left: parent.left
        anchors.leftMargin: Theme.apart
        y: row.heading || row.total ? Theme.apart : Theme.apart / 2
        Accessible.ignored: true
    }
    Words {
        id: figure
        text: row.amount
        font.pixelSize: row.total ? Theme.strong : Theme.label
        font.bold: row.strong
        wrapMode: Text.NoWrap
        anchors.right: parent.right
        anchors.rightMargin: Theme.apart
        y: row.stacked ? label.y + label.height : label.y + label.baselineOffset - baselineOffset
        Accessible.ignored: true
    }
}

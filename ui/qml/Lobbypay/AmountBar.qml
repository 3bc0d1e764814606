// The amount in question, with what it is. It stays in view from the moment there is one.
pragma ComponentBehavior: Bound
import QtQuick

Item {
    id: bar

    required property string label
    required property string labelSpeech
    required property string amount
    required property string amountSpeech

    readonly property bool stacked: natural.lineWidth + money.implicitWidth + Theme.gap > width

    objectName: "amount"
    activeFocusOnTab: true
    implicitHeight: stacked ? words.height + money.implicitHeight : Math.max(words.height, money.implicitHeight)

    FocusRing { visible: bar.activeFocus && Theme.keys }
    Natural {
        id: natural
        of: words
    }
    Words {
        id: words
        text: bar.label
        speech: bar.labelSpeech
        color: Theme.muted
        width: Math.min(natural.lineWidth, bar.width)
        anchors.left: parent.left
        y: bar.stacked ? 0 : money.y + money.implicitHeight * 0.78 - baselineOffset
    }
    Money {
        id: money
        text: bar.amount
        speech: bar.amountSpeech
        anchors.right: parent.right
        anchors.bottom: parent.bottom
    }
}

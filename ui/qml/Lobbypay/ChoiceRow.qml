// One possible answer, and beside it, where there is more to see of it, the way there.
pragma ComponentBehavior: Bound
import QtQuick

Item {
    id: row

    required property string text
    required property string speech
    required property string intent
    required property string value
    required property string mark
    required property string seeText
    required property string seeSpeech
    property bool seen: true
    property real tall: Theme.primary

    // grown words have no room beside each other
    readonly property bool stacked: !Theme.roomy
    readonly property real signHeight: Theme.px(48)
    readonly property real signY: (choice.height - signHeight) / 2

    implicitHeight: !see.visible ? choice.implicitHeight : stacked ? choice.implicitHeight + Theme.apart + see.implicitHeight : Math.max(choice.implicitHeight, see.implicitHeight)
    height: implicitHeight

    ChoiceButton {
        id: choice
        text: row.text
        speech: row.speech
        intent: row.intent
        value: row.value
        mark: row.mark
        seen: row.seen
        tall: row.tall
        anchors.left: parent.left
        width: parent.width - (see.visible && !row.stacked ? see.width + Theme.apart : 0)
        height: row.stacked ? implicitHeight : parent.height
    }
    QuietButton {
        id: see
        objectName: "see:" + row.value
        visible: row.seeText.length > 0
        text: row.seeText
        speech: row.seeSpeech
        intent: "see"
        value: row.value
        anchors.right: parent.right
        y: row.stacked ? choice.height + Theme.apart : 0
        width: row.stacked ? parent.width : Math.max(2 * Theme.touch, parent.width / 4)
        height: row.stacked ? implicitHeight : parent.height
    }
}

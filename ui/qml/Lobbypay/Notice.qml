// What went wrong with the last thing the person did: words with a sign and a frame, never a colour alone.
pragma ComponentBehavior: Bound
import QtQuick

Rectangle {
    id: notice

    required property string text
    required property string speech
    property bool seen: true // the sign, of what is scrolled
    readonly property alias signY: sign.y
    readonly property alias signHeight: sign.height

    implicitHeight: words.height + 2 * Theme.gap
    radius: Theme.corner
    color: Theme.card
    border.width: Theme.px(3)
    border.color: Theme.warn

    Glyph {
        id: sign
        name: "warn"
        colour: Theme.warn
        visible: notice.seen
        width: Theme.px(48)
        height: width
        anchors.left: parent.left
        anchors.leftMargin: Theme.gap
        y: Theme.gap
    }
    Passage {
        id: words
        objectName: "notice"
        text: notice.text
        speech: notice.speech
        Accessible.role: Accessible.AlertMessage
        anchors.left: sign.right
        anchors.leftMargin: Theme.gap
        anchors.right: parent.right
        anchors.rightMargin: Theme.gap
        y: Theme.gap
    }
}

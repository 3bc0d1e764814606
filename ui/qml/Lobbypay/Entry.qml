// What was typed on the keypad so far, and the form it should have.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Rectangle {
    id: entry

    required property KeypadPart part

    objectName: "entry"
    activeFocusOnTab: true
    implicitHeight: typed.height + hint.height + 2 * Theme.apart
    radius: Theme.corner
    color: Theme.card
    border.width: Theme.line
    border.color: Theme.edge

    FocusRing { visible: entry.activeFocus && Theme.keys }
    Words {
        id: typed
        text: entry.part.shown.text
        speech: entry.part.shown.speech
        font.pixelSize: Theme.heading
        font.bold: true
        font.letterSpacing: entry.part.letters.count > 0 ? 0 : Math.round(Theme.heading / 12) // places that can be counted: ____ is four
        wrapMode: Text.NoWrap
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: Theme.px(30)
        width: parent.width - 2 * Theme.gap
        height: Math.round(Theme.heading * 1.38)
        y: Theme.apart
        anchors.horizontalCenter: parent.horizontalCenter
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
    }
    Words {
        id: hint
        text: entry.part.hint.text
        speech: entry.part.hint.speech
        color: Theme.muted
        font.pixelSize: Theme.label
        width: parent.width - 2 * Theme.gap
        y: typed.y + typed.height
        anchors.horizontalCenter: parent.horizontalCenter
        horizontalAlignment: Text.AlignHCenter
    }
}

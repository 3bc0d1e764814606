// One possible answer; or one of several things that are wanted or not, by its mark.
pragma ComponentBehavior: Bound
import QtQuick

Touch {
    id: choice

    required text
    required speech
    required intent
    required value
    property string mark
    property bool seen: true
    property real tall: Theme.primary

    objectName: "choice:" + (value || intent)
    implicitHeight: Math.max(tall, implicitContentHeight + topPadding + bottomPadding)
    leftPadding: Theme.padding
    rightPadding: Theme.padding
    topPadding: Theme.px(Theme.roomy ? 14 : 4) // grown words are high enough to touch
    bottomPadding: topPadding
    Accessible.role: mark.length > 0 ? Accessible.CheckBox : Accessible.Button
    Accessible.checkable: mark.length > 0
    Accessible.checked: mark === "on"

    contentItem: Item {
        implicitHeight: words.implicitHeight

        Glyph {
            id: box
            name: choice.mark
            colour: choice.mark === "on" ? Theme.brand : Theme.muted
            visible: name.length > 0 && choice.seen
            width: name.length > 0 ? Theme.px(48) : 0
            height: width
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
        }
        Words {
            id: words
            text: choice.text
            font.pixelSize: choice.mark.length > 0 || !Theme.roomy ? Theme.body : Theme.strong // grown, all of them are to be in view
            font.bold: choice.mark !== "off"
            wrapMode: choice.mark.length > 0 ? Text.Wrap : Text.WordWrap // whose bill it is may be one word of any length
            anchors.left: box.right
            anchors.leftMargin: choice.mark.length > 0 ? Theme.apart : 0
            anchors.right: choice.mark.length > 0 ? parent.right : arrow.left
            anchors.rightMargin: choice.mark.length > 0 ? 0 : Theme.apart
            anchors.verticalCenter: parent.verticalCenter
            Accessible.ignored: true
        }
        Glyph {
            id: arrow
            name: "next"
            colour: Theme.brand
            visible: choice.mark.length === 0 && choice.seen
            width: Theme.px(40)
            height: width
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}

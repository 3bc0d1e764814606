// A drawing that shows what to do or what has happened, and the words under it.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: picture

    required property PicturePart part
    required property string tone

    readonly property real side: Math.max(Theme.px(160), Math.min(width, height - (caption.visible ? caption.height + Theme.gap : 0), Theme.px(560)))

    implicitHeight: Theme.px(300) + (caption.visible ? caption.height + Theme.gap : 0)

    Drawing {
        id: drawing
        name: picture.part.name
        moving: picture.part.moving && picture.visible && Theme.motion
        tone: Theme.tone(picture.tone)
        width: picture.side
        height: picture.side
        anchors.horizontalCenter: parent.horizontalCenter
        y: (picture.height - height - (caption.visible ? caption.height + Theme.gap : 0)) / 2
    }
    Words {
        id: caption
        text: picture.part.caption.text
        speech: picture.part.caption.speech
        visible: text.length > 0
        font.pixelSize: Theme.body
        font.bold: true
        width: parent.width
        horizontalAlignment: Text.AlignHCenter
        anchors.top: drawing.bottom
        anchors.topMargin: Theme.gap
    }
}

// A drawing that shows what to do or what has happened, and the words under it; a small sign stands in when there is no room.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: picture

    required property PicturePart part
    required property string tone

    readonly property real under: caption.visible ? caption.height + Theme.gap : 0
    readonly property real side: Math.min(width, height - under, Theme.px(560))

    // the words are needed, the drawing helps: it goes when there is no room for it
    implicitHeight: Theme.roomy ? Theme.px(300) + under : caption.height

    Drawing {
        id: drawing
        name: picture.part.name
        visible: picture.side > Theme.px(120)
        moving: picture.part.moving && visible && Theme.motion
        tone: Theme.tone(picture.tone)
        width: Math.max(0, picture.side)
        height: width
        anchors.horizontalCenter: parent.horizontalCenter
        y: (picture.height - height - picture.under) / 2
    }
    Glyph {
        id: sign
        name: drawing.visible || Theme.roomy ? "" : ({ tick: "good", cross: "bad", clock: "clock", warning: "warn" })[picture.part.name] ?? ""
        colour: drawing.tone
        visible: name.length > 0
        width: Theme.px(56)
        height: width
        x: caption.x + (caption.width - caption.contentWidth) / 2 - width - Theme.apart
        y: caption.y + (caption.height - height) / 2
    }
    Words {
        id: caption
        text: picture.part.caption.text
        speech: picture.part.caption.speech
        visible: text.length > 0
        font.pixelSize: Theme.body
        font.bold: true
        width: parent.width - (Theme.roomy ? 0 : 2 * (sign.width + Theme.apart))
        anchors.horizontalCenter: parent.horizontalCenter
        horizontalAlignment: Text.AlignHCenter
        y: drawing.visible ? drawing.y + drawing.height + Theme.gap : picture.height - height
    }
}

// A drawing that shows what to do or what has happened, or what the camera sees, and the words under it; a small sign stands in
// when there is no room.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: picture

    required property PicturePart part
    required property PreviewPart preview
    required property string tone

    readonly property real under: caption.visible ? caption.height + Theme.gap : 0
    readonly property bool camera: part.name === "camera" && preview.live && drawing.visible
    readonly property real side: Math.min(width, height - under, Theme.px(560))

    // the words are needed, the drawing helps: it goes when there is no room for it
    implicitHeight: Theme.roomy ? Theme.px(300) + under : caption.height

    Drawing {
        id: drawing
        name: picture.part.name
        opacity: picture.camera ? 0 : 1
        visible: picture.side > Theme.px(120)
        moving: picture.part.moving && visible && !picture.camera && Theme.motion
        tone: Theme.tone(picture.tone)
        width: Math.max(0, picture.side)
        height: width
        anchors.horizontalCenter: parent.horizontalCenter
        y: (picture.height - height - picture.under) / 2
    }
    PreviewView {
        id: seen
        part: picture.preview
        line: Theme.found
        width: Math.min(picture.width, Theme.px(720), (picture.height - picture.under) * picture.preview.ratio)
        height: width / picture.preview.ratio
        opacity: picture.camera ? 1 : 0
        x: (picture.width - width) / 2
        y: (picture.height - height - picture.under) / 2
    }
    Rectangle {
        visible: picture.camera
        color: "transparent"
        border.width: Theme.line
        border.color: Theme.edge
        anchors.fill: seen
        anchors.margins: -border.width
    }
    Caption {
        id: caption
        part: picture.part
        tone: drawing.tone
        pictured: drawing.visible
        centred: true
        visible: words.length > 0
        width: parent.width
        height: implicitHeight
        y: picture.camera && seen ? seen.y + seen.height + Theme.gap : drawing?.visible ? drawing.y + drawing.height + Theme.gap : picture.height - height
    }
}

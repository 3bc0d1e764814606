// The hospital's own picture, on white where the paper is dark: it was drawn for paper.
import QtQuick

Rectangle {
    property alias source: picture.source

    width: picture.width + (plain ? 0 : Theme.apart)
    height: picture.height + (plain ? 0 : Theme.apart)
    radius: Theme.px(14)
    color: plain ? "transparent" : Theme.plate

    readonly property bool plain: !Theme.night && !Theme.contrast

    Image {
        id: picture
        height: Theme.px(72)
        width: Math.min(Theme.px(280), implicitHeight ? height * implicitWidth / implicitHeight : 0)
        sourceSize.height: height // drawn once, at its own size
        fillMode: Image.PreserveAspectFit
        anchors.centerIn: parent
    }
}

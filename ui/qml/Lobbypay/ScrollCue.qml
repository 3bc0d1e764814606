// The way through something longer than its room: up, down, and where we are. Keys and readers walk the rows instead.
pragma ComponentBehavior: Bound
import QtQuick

Item {
    id: cue

    required property Flickable flickable

    readonly property bool low: height < 2 * Theme.touch + Theme.apart

    width: Theme.touch

    function by(pages: real) {
        const most = flickable.contentHeight - flickable.height;
        glide.to = Math.max(0, Math.min(most, flickable.contentY + pages * flickable.height));
        glide.restart();
    }
    NumberAnimation {
        id: glide
        target: cue.flickable
        property: "contentY"
        duration: Theme.pageMs
        easing.type: Easing.OutCubic
    }
    ScrollKey {
        objectName: "scroll:up"
        glyph: "up"
        usable: !cue.flickable.atYBeginning
        visible: !cue.low || cue.flickable.atYEnd
        anchors.top: parent.top
        onClicked: cue.by(-0.8)
    }
    Rectangle {
        anchors.horizontalCenter: parent.horizontalCenter
        y: Theme.touch + Theme.apart
        width: Theme.px(4) // by its width, and not by its colour alone, it is another than what shows where we are
        height: Math.max(0, parent.height - 2 * y)
        radius: width / 2
        color: Theme.edge

        Rectangle {
            anchors.horizontalCenter: parent.horizontalCenter
            width: Theme.px(12)
            radius: width / 2
            color: Theme.touchEdge
            y: parent.height * cue.flickable.visibleArea.yPosition
            height: parent.height * cue.flickable.visibleArea.heightRatio
        }
    }
    ScrollKey {
        objectName: "scroll:down"
        glyph: "down"
        usable: !cue.flickable.atYEnd
        visible: !cue.low || !cue.flickable.atYEnd
        y: cue.low ? 0 : parent.height - height
        onClicked: cue.by(0.8)
    }
}

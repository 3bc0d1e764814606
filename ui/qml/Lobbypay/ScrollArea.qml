// A view of something that may be taller than its room. When it is, it says so: a bar at the side and a chevron to touch.
pragma ComponentBehavior: Bound
import QtQuick

Item {
    id: area

    default property alias content: inside.data
    property real contentHeight: inside.childrenRect.height
    readonly property bool overflowing: flick.contentHeight > flick.height + 1
    readonly property alias contentWidth: inside.width

    function scrollTo(top: real, bottom: real) {
        if (top < flick.contentY)
            flick.contentY = Math.max(0, top);
        else if (bottom > flick.contentY + flick.height)
            flick.contentY = Math.min(flick.contentHeight - flick.height, bottom - flick.height);
    }

    Flickable {
        id: flick
        anchors.fill: parent
        contentWidth: width
        contentHeight: area.contentHeight
        clip: area.overflowing
        interactive: area.overflowing
        boundsBehavior: Flickable.StopAtBounds
        pixelAligned: true

        Item {
            id: inside
            width: flick.width - (area.overflowing ? more.width + Theme.apart : 0)
            height: area.contentHeight
        }
    }
    ScrollCue {
        id: more
        flickable: flick
        visible: area.overflowing
        anchors.right: parent.right
        height: parent.height
    }
}

// A view of something that may be taller than its room. When it is, it says so: a bar at the side and a chevron to touch.
pragma ComponentBehavior: Bound
import QtQuick

Item {
    id: area

    default property alias content: inside.data
    property real contentHeight: inside.childrenRect.height
    readonly property bool overflowing: flick.contentHeight > flick.height + Theme.px(8) // so little stands in the gap below
    readonly property alias contentWidth: inside.width
    readonly property real viewTop: flick.contentY
    readonly property real viewBottom: flick.contentY + flick.height

    // what breaks its words otherwise beside the cue: whether it needs one is found out without it, or it would stay once it was there
    property list<Column> fitted // the inner ones first
    property bool fitting
    property bool trying // without the cue

    onOverflowingChanged: fitLater()
    onContentHeightChanged: fitLater()
    onHeightChanged: fitLater()

    function fitLater() {
        if (overflowing && fitted.length > 0 && !fitting)
            Qt.callLater(fit);
    }
    function fit() {
        fitting = true;
        for (const alone of [true, false]) {
            trying = alone;
            for (const each of fitted)
                each.forceLayout();
        }
        fitting = false;
    }

    // Scrolls no further than it needs to: so that all of it is in view, or its beginning where it is taller than that.
    function reveal(top: real, height: real) {
        const least = Math.min(top, Math.max(0, top + height - flick.height));
        flick.contentY = Math.max(0, Math.min(least, flick.contentHeight - flick.height));
    }

    // Whether any of it can be seen. Shapes must ask: Qt's software renderer draws one unclipped when it is clipped away whole.
    function shows(top: real, height: real, viewTop: real, viewBottom: real): bool {
        return top + height > viewTop && top < viewBottom;
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
            anchors.left: parent.left // beside the cue, whichever side that is on
            width: flick.width - (area.overflowing && !area.trying ? Theme.touch + Theme.apart : 0)
            height: area.contentHeight
        }
    }
    Loader {
        active: area.overflowing
        anchors.right: parent.right
        height: parent.height
        sourceComponent: ScrollCue { flickable: flick }
    }
}

// Seconds left, as a number in a ring that empties. The engine says how long; the screen counts.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Item {
    id: countdown

    required property int seconds
    property bool seen: true
    property int remaining: seconds

    onSecondsChanged: remaining = seconds
    onVisibleChanged: remaining = seconds
    width: Theme.px(180)
    height: width

    Shape {
        width: 180
        height: 180
        scale: countdown.width / 180
        transformOrigin: Item.TopLeft
        visible: countdown.seen

        Stroke {
            strokeColor: Theme.edge
            strokeWidth: 12
            PathAngleArc { centerX: 90; centerY: 90; radiusX: 80; radiusY: 80; startAngle: 0; sweepAngle: 360 }
        }
        Stroke {
            strokeColor: Theme.warn
            strokeWidth: 12
            PathAngleArc { centerX: 90; centerY: 90; radiusX: 80; radiusY: 80; startAngle: -90; sweepAngle: 360 * countdown.remaining / Math.max(1, countdown.seconds) }
        }
    }
    Words {
        text: String(countdown.remaining)
        font.pixelSize: Theme.px(72)
        font.bold: true
        anchors.centerIn: parent
    }
    Timer {
        running: countdown.visible && countdown.remaining > 0
        interval: 1000
        repeat: true
        onTriggered: countdown.remaining -= 1
    }
}

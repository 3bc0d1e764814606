// Seconds left, as a number in a ring that empties.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Item {
    id: countdown

    required property int seconds
    property int most: 1

    onSecondsChanged: most = seconds > most || seconds === 0 ? Math.max(1, seconds) : most
    width: Theme.px(180)
    height: width

    Shape {
        width: 180
        height: 180
        scale: countdown.width / 180
        transformOrigin: Item.TopLeft

        Stroke {
            strokeColor: Theme.edge
            strokeWidth: 12
            PathAngleArc { centerX: 90; centerY: 90; radiusX: 80; radiusY: 80; startAngle: 0; sweepAngle: 360 }
        }
        Stroke {
            strokeColor: Theme.warn
            strokeWidth: 12
            PathAngleArc { centerX: 90; centerY: 90; radiusX: 80; radiusY: 80; startAngle: -90; sweepAngle: 360 * countdown.seconds / countdown.most }
        }
    }
    Words {
        text: String(countdown.seconds)
        font.pixelSize: Theme.px(72)
        font.bold: true
        anchors.centerIn: parent
    }
}

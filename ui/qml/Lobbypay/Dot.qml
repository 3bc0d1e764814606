// A round dot of our drawings.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Shape {
    id: dot

    required property color colour

    height: width

    ShapePath {
        strokeColor: "transparent"
        fillColor: dot.colour
        PathAngleArc {
            centerX: dot.width / 2
            centerY: dot.width / 2
            radiusX: dot.width / 2
            radiusY: dot.width / 2
            startAngle: 0
            sweepAngle: 360
        }
    }
}

// The round field on which the results stand.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Art {
    id: art

    Shape {
        ShapePath {
            strokeColor: art.tone
            strokeWidth: 8
            fillColor: Theme.contrast ? Theme.card : Qt.tint(Theme.card, Qt.alpha(art.tone, 0.12))
            PathAngleArc { centerX: 120; centerY: 120; radiusX: 110; radiusY: 110; startAngle: 0; sweepAngle: 360 }
        }
    }
}

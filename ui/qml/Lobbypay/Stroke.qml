// A line of our drawings: round ends, one thickness.
pragma ComponentBehavior: Bound
import QtQuick.Shapes

ShapePath {
    strokeWidth: 8
    fillColor: "transparent"
    capStyle: ShapePath.RoundCap
    joinStyle: ShapePath.RoundJoin
}

package reports
import ("testing";"os")
func TestLook(t *testing.T){ s:=sample(400,1,2,3,4,5); os.RemoveAll("/tmp/look"); if err:=Write("/tmp/look",s); err!=nil {t.Fatal(err)}}
